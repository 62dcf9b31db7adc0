SELECT vestibule_fence('totps');
SELECT vestibule_fence('member_failures');
